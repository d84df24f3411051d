"""Train a small neural network to read handwritten digits, and track how it goes."""

import argparse
import tempfile
from pathlib import Path

import foundations
import joblib
import matplotlib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

matplotlib.use("Agg")  # draw into files: a job has no screen

DEFAULTS = {
    "epochs": 12,
    "hidden_units": 64,
    "learning_rate": 0.002,
    "batch_size": 32,
    "weight_decay": 0.0001,
    "seed": 7,
}

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=argparse.SUPPRESS)

# A search, or `params` in job.config.yaml, replaces some of the defaults; the command line counts most. All are logged.
params = {**DEFAULTS, **foundations.load_parameters(log_parameters=False), **vars(parser.parse_args())}
foundations.log_params(params)
foundations.set_tag("model", "MLPClassifier")
foundations.set_tag("dataset", "digits")

# 1797 pictures of 8 x 8 grey pixels: 60 % to learn from, 20 % to watch the progress, 20 % for the final mark.
images, digits = load_digits(return_X_y=True)
images = images / 16
train_x, rest_x, train_y, rest_y = train_test_split(images, digits, test_size=0.4, stratify=digits, random_state=7)
valid_x, test_x, valid_y, test_y = train_test_split(rest_x, rest_y, test_size=0.5, stratify=rest_y, random_state=7)

model = MLPClassifier(
    hidden_layer_sizes=(params["hidden_units"],),
    learning_rate_init=params["learning_rate"],
    batch_size=params["batch_size"],
    alpha=params["weight_decay"],
    random_state=params["seed"],
)

for epoch in range(1, params["epochs"] + 1):
    model.partial_fit(train_x, train_y, classes=np.unique(digits))
    accuracy = model.score(valid_x, valid_y)
    foundations.log_metric("train_loss", model.loss_, step=epoch)
    foundations.log_metric("validation_accuracy", accuracy, step=epoch)
    print(f"epoch {epoch:2d}   train loss {model.loss_:.4f}   validation accuracy {accuracy:.4f}")

test_accuracy = model.score(test_x, test_y)
foundations.log_metric("test_accuracy", test_accuracy)
print(f"test accuracy {test_accuracy:.4f}")

# An artifact is copied when it is saved, so it need not stay in the project.
with tempfile.TemporaryDirectory() as folder:
    picture = Path(folder, "confusion_matrix.png")
    ConfusionMatrixDisplay.from_estimator(model, test_x, test_y, colorbar=False).figure_.savefig(picture)
    foundations.save_artifact(str(picture))

    trained = Path(folder, "model.joblib")
    joblib.dump(model, trained)
    foundations.save_artifact(str(trained))
