"""A job for either image: it needs what only they have."""

import polars

import foundations

table = polars.DataFrame({"rate": [0.1, 0.01], "score": [0.81, 0.93]})
foundations.log_metric("score", table["score"].max())
print("polars", polars.__version__)
