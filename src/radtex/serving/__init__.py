"""Reports, findings and labels behind a web page and a REST interface."""
