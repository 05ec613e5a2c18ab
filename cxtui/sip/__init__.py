"""SIP on the wire: messages, the ladder of an exchange, the OPTIONS ping and the challenge probe."""
