"""What people can do for their safety."""
