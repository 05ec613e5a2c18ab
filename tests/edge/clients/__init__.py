"""SIP clients that the project did not write, so that tests of an edge read like sentences.

`sipp` calls, `answerer` is called, `sipsak` registers and pings, `baresip` is a phone, `raw` sends what none of them
would.
Everything stays on loopback, waits for conditions within a deadline, and ends its processes even when a test fails.
"""
