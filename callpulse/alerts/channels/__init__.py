"""Where people are told of alerts: one small file each, with a pure `payload()` and one `notify()`."""
