"""What a deployment costs: ../cost is the command, ../prices.json the prices."""
