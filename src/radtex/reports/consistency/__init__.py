"""Whether a report agrees with itself: the same finding both affirmed and denied."""
