"""A training that is over at once: its accuracy is best where the rate is 0.03."""

import math

import foundations

params = {"rate": 0.1, **foundations.load_parameters(log_parameters=False)}
foundations.log_params(params)
foundations.log_metric("accuracy", 1 - abs(math.log10(params["rate"]) - math.log10(0.03)) / 4)
