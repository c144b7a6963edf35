"""The kinds of project that a rule of thumb has to know apart: each by the few answers that make it one.

Every kind counts for as much as another. People come with some far more often; a rule of thumb that was fitted to how
often would say the most frequent answer to everybody and be right nine times of ten.
"""

from collections.abc import Mapping

Given = Mapping[str, object]  # answers as conditions see them

_CLASSICAL = {"approach": ("classical_ml",), "modality": ("tabular",)}
_NETWORKS = {"approach": ("deep_learning",)}
_LANGUAGE = {"approach": ("llm",), "modality": ("text",)}

KINDS: Mapping[str, Given] = {
    "tables": {**_CLASSICAL, "data_rows": 20_000.0},
    "large tables": {**_CLASSICAL, "data_rows": 20_000_000.0},
    "tables on a GPU": {**_CLASSICAL, "data_rows": 2_000_000.0, "train_hardware": ("nvidia_gpu",)},
    "rankings": {**_CLASSICAL, "task": ("ranking",)},
    "recommendations": {"task": ("recommendation",), "data_rows": 100_000_000.0},
    "a tool that chooses the model": {"approach": ("automl",), "modality": ("tabular",)},
    "forecasts": {"task": ("forecasting",), "modality": ("timeseries",)},
    "a stream that never ends": {**_CLASSICAL, "data_traits": ("streaming",), "retraining": "online"},
    "statistics in R": {"training_language": ("r",), "modality": ("tabular",)},
    "distributions": {"approach": ("bayesian",)},
    "effects": {"approach": ("bayesian",), "task": ("causal_inference",)},
    "equations and simulations": {"approach": ("scientific",), "novelty": ("custom_gradients_or_transforms",)},
    "images": {**_NETWORKS, "modality": ("image",), "need": ("fine_tune",)},
    "volumes": {**_NETWORKS, "modality": ("volume_3d",)},
    "generated pictures": {"task": ("image_generation",), "modality": ("image",)},
    "speech and sound": {**_NETWORKS, "modality": ("audio",)},
    "text": {**_NETWORKS, "modality": ("text",), "need": ("fine_tune",)},
    "graphs": {**_NETWORKS, "modality": ("graph",)},
    "molecules": {"approach": ("deep_learning", "scientific"), "modality": ("molecular",)},
    "robots and games": {"task": ("reinforcement_learning",), "need": ("train_from_scratch",)},
    "language models, adapted": {**_LANGUAGE, "need": ("adapter_tuning",)},
    "language models, from the start": {**_LANGUAGE, "need": ("train_from_scratch",)},
    "language models on servers": {**_LANGUAGE, "need": ("inference_only",), "deploy_targets": ("server_gpu",)},
    "language models on desktops": {**_LANGUAGE, "need": ("inference_only",), "deploy_targets": ("desktop",)},
    "networks on TPUs": {**_NETWORKS, "train_hardware": ("tpu",)},
    "networks on Apple silicon": {**_NETWORKS, "train_hardware": ("apple_silicon",)},
    "Android apps": {**_NETWORKS, "deploy_targets": ("android",)},
    "iOS apps": {**_NETWORKS, "deploy_targets": ("ios",)},
    "apps for all phones": {**_NETWORKS, "deploy_targets": ("android", "ios")},
    "web pages": {**_NETWORKS, "deploy_targets": ("browser",)},
    "web pages, trained in JavaScript": {"deploy_targets": ("browser",), "training_language": ("javascript",)},
    "boards at the edge": {**_NETWORKS, "deploy_targets": ("edge_linux",)},
    "edge devices with a GPU": {**_NETWORKS, "deploy_targets": ("edge_gpu",)},
    "microcontrollers": {"deploy_targets": ("microcontroller",), "need": ("train_from_scratch",)},
    "services in Java": {"serving_language": ("java",), "deploy_targets": ("server_cpu",)},
    "programs in C++": {"serving_language": ("cpp",), "deploy_targets": ("desktop",)},
    "a first course": {"stage": "education", "team_experience": "beginner"},
    "new models for a paper": {"stage": "research", "novelty": ("new_architectures",)},
}
