"""What more labels would buy."""
