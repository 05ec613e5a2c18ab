"""Many IP entries or SIP users at once: planned, looked at, then applied all or nothing."""
