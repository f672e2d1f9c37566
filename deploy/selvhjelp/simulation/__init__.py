"""
`selvhjelp simulate`: years of people who sign up, played against the real board under one rule or another.

Everybody is drawn beforehand, so that the same people come, with the same patience and the same second thoughts,
whatever the rule. All times are days since the first morning.
"""
