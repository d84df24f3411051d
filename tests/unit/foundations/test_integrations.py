"""Training libraries, the real ones, report to the job. Those that are too heavy to install everywhere may lack."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.journal_server import JournalServer

DATA = """
import foundations
from sklearn.datasets import load_iris
x, y = load_iris(return_X_y=True)
"""


def needs(*libraries: str) -> pytest.MarkDecorator:
    missing = [name for name in libraries if find_spec(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)}: too heavy to be installed everywhere")


def logged(tracked: Script, server: JournalServer, code: str) -> tuple[str, dict[str, Any]]:
    """Run a training; return its job and the parameters that it logged."""
    ended = tracked.run(code)
    assert ended.returncode == 0, ended.stderr
    job = server.only_job
    return job, {each["name"]: each["value"] for each in server.operations(job, "param")}


@needs("sklearn")
def test_a_model_of_scikit_learn_is_described_with_its_score(tracked: Script, server: JournalServer) -> None:
    code = f"""{DATA}
from foundations.integrations.sklearn import log_fit
from sklearn.neural_network import MLPClassifier
model = MLPClassifier((5,), max_iter=1000, tol=0.01, random_state=1).fit(x, y)
log_fit(model, x, y)
"""
    job, params = logged(tracked, server, code)
    assert (params["model"], params["max_iter"], params["hidden_layer_sizes"]) == ("MLPClassifier", 1000, "(5,)")
    assert 0 < server.values(job, "score")[0] <= 1
    losses = server.values(job, "loss")
    assert len(losses) > 5 and losses[-1] < losses[0]


@needs("sklearn", "pandas")
def test_a_search_of_scikit_learn_shows_every_candidate(tracked: Script, server: JournalServer) -> None:
    code = f"""{DATA}
from foundations.integrations.sklearn import log_fit
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC
log_fit(GridSearchCV(SVC(), {{"C": [0.1, 1, 10]}}, cv=3).fit(x, y), prefix="svc_")
"""
    job, params = logged(tracked, server, code)
    assert params["svc_model"] == "GridSearchCV" and params["svc_best_C"] in {0.1, 1, 10}
    scores = server.values(job, "svc_candidate_score")
    assert server.values(job, "svc_best_score") == [max(scores)] and len(scores) == 3
    (table,) = server.operations(job, "artifact")
    rows = server.files[job, table["path"]].decode().splitlines()
    assert len(rows) == 4 and "param_C" in rows[0]


@needs("sklearn")
def test_what_is_no_model_is_refused(tracked: Script) -> None:
    code = "from foundations.integrations.sklearn import log_fit\nlog_fit(3)"
    assert "TypeError: model: int is no model of scikit-learn." in tracked.run(code).stderr


@needs("sklearn", "xgboost")
def test_xgboost_logs_each_round_and_keeps_the_model(tracked: Script, server: JournalServer) -> None:
    code = f"""{DATA}
import xgboost
from foundations.integrations.xgboost import FoundationsCallback
params = {{"objective": "multi:softprob", "num_class": 3, "max_depth": 2, "eval_metric": ["mlogloss", "merror"]}}
data = xgboost.DMatrix(x, y)
callback = FoundationsCallback(params, save_model="model.ubj")
xgboost.train(params, data, 8, evals=[(data, "train")], callbacks=[callback], verbose_eval=False)
xgboost.cv(params, data, 2, nfold=2, callbacks=[FoundationsCallback()])
"""
    job, params = logged(tracked, server, code)
    assert (params["max_depth"], params["eval_metric"]) == (2, "['mlogloss', 'merror']")
    losses = server.values(job, "train-mlogloss")
    assert losses[7] < losses[0] and len(losses) == 8 + 2
    assert [each["key"] for each in server.operations(job, "artifact")] == ["model.ubj"]


@needs("sklearn", "xgboost")
def test_xgboost_that_stops_early_says_which_round_was_best(tracked: Script, server: JournalServer) -> None:
    code = f"""{DATA}
import numpy, xgboost
from foundations.integrations.xgboost import FoundationsCallback
noise = numpy.random.default_rng(1).permutation(y)
train, valid = xgboost.DMatrix(x[::2], noise[::2]), xgboost.DMatrix(x[1::2], noise[1::2])
params = {{"objective": "multi:softprob", "num_class": 3, "eta": 1.0}}
xgboost.train(params, train, 200, evals=[(valid, "valid")], early_stopping_rounds=3, verbose_eval=False,
              callbacks=[FoundationsCallback(params)])
"""
    job, _ = logged(tracked, server, code)
    losses = server.values(job, "valid-mlogloss")
    assert len(losses) < 200
    assert server.values(job, "best_iteration") == [losses.index(min(losses))]
    assert server.values(job, "best_score") == [min(losses)]


@needs("sklearn", "lightgbm")
def test_lightgbm_that_stops_early_logs_the_rounds_until_then(tracked: Script, server: JournalServer) -> None:
    code = f"""{DATA}
import lightgbm, numpy
from foundations.integrations.lightgbm import log_evaluation
noise = numpy.random.default_rng(1).permutation(y)
train = lightgbm.Dataset(x[::2], noise[::2])
params = {{"objective": "multiclass", "num_class": 3, "learning_rate": 1.0, "verbose": -1}}
model = lightgbm.train(params, train, 200, valid_sets=[lightgbm.Dataset(x[1::2], noise[1::2], reference=train)],
                       callbacks=[lightgbm.early_stopping(3, verbose=False), log_evaluation()])
foundations.log_metric("best", model.best_iteration)
"""
    job, _ = logged(tracked, server, code)
    losses = server.values(job, "valid_0-multi_logloss")
    best = losses.index(min(losses)) + 1
    assert server.values(job, "best") == [best] and len(losses) == best + 3


@needs("sklearn", "lightgbm")
def test_lightgbm_logs_each_round(tracked: Script, server: JournalServer) -> None:
    code = f"""{DATA}
import lightgbm
from foundations.integrations.lightgbm import log_evaluation
params = {{"objective": "multiclass", "num_class": 3, "num_leaves": 4, "verbose": -1}}
data = lightgbm.Dataset(x, y)
lightgbm.train(params, data, 8, valid_sets=[data], valid_names=["train"], callbacks=[log_evaluation()])
"""
    job, params = logged(tracked, server, code)
    assert params["num_leaves"] == 4
    losses = server.values(job, "train-multi_logloss")
    assert len(losses) == 8 and losses[-1] < losses[0]


@needs("keras")
def test_keras_logs_each_epoch(tracked: Script, server: JournalServer) -> None:
    code = """
import os
os.environ.setdefault("KERAS_BACKEND", "jax")
import keras, numpy
from foundations.integrations.keras import FoundationsCallback
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.01), "mse")
x = numpy.random.rand(64, 4)
callbacks = [FoundationsCallback(every=2)]
model.fit(x, x.sum(axis=1), epochs=3, batch_size=16, verbose=0, callbacks=callbacks)
"""
    job, params = logged(tracked, server, code)
    assert params["weights"] == 5 and params["optimizer_name"].lower() == "sgd"
    assert len(server.values(job, "loss")) == 3 and len(server.values(job, "batch_loss")) == 6


@needs("lightning")
def test_lightning_logs_metrics_and_hyper_parameters(tracked: Script, server: JournalServer) -> None:
    code = """
import lightning, torch
from foundations.integrations.lightning import FoundationsLogger

class Model(lightning.LightningModule):
    def __init__(self, rate=0.1):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, _):
        loss = self.layer(batch).square().mean()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), self.hparams.rate)

trainer = lightning.Trainer(max_epochs=2, logger=FoundationsLogger(), log_every_n_steps=1, accelerator="cpu",
                            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
trainer.fit(Model(), torch.utils.data.DataLoader(torch.rand(8, 4), batch_size=4))
"""
    job, params = logged(tracked, server, code)
    assert params["rate"] == 0.1
    assert len(server.values(job, "loss")) == 4


@needs("transformers", "torch", "accelerate")
def test_the_trainer_of_transformers_logs_what_it_reports(tracked: Script, server: JournalServer) -> None:
    code = """
import torch, transformers
from foundations.integrations.transformers import FoundationsCallback

class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def forward(self, x, labels=None):
        return {"loss": (self.layer(x) - labels).square().mean()}

data = [{"x": torch.rand(4), "labels": torch.rand(1)} for _ in range(8)]
arguments = transformers.TrainingArguments("out", num_train_epochs=2, per_device_train_batch_size=4, logging_steps=1,
                                           report_to=[], save_strategy="no", use_cpu=True, disable_tqdm=True)
transformers.Trainer(Model(), arguments, train_dataset=data, callbacks=[FoundationsCallback()]).train()
"""
    job, params = logged(tracked, server, code)
    assert params["num_train_epochs"] == 2
    assert len(server.values(job, "loss")) == 4
