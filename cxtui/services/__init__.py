"""What an operator can do, each verb one checked and audited transaction; and what there is to see."""
