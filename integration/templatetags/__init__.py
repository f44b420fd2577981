"""What the portal's templates may use beside Django's own tags."""
