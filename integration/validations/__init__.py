"""Business rules, checked on plain values before anything is sent. Every rule that is broken gives a Problem; none is hidden by another."""
