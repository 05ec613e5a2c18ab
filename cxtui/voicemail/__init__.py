"""Where voicemail messages live: the store of the voicemail server, its recordings, and the mail that tells of them."""
