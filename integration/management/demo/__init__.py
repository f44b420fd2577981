"""The demo: a small landlord's data and the main job played on it, against the two sandboxes."""
