"""
`selvhjelp simulate`: years of invented sign-ups, matched by the real engine under one of several rules.

All people are drawn beforehand, so that the same people come, with the same patience and the same withdrawals, under
every rule. All times are days since the first morning.
"""
