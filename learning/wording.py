"""The words of a split: a question that a person can answer with yes or no at once.

Common splits have words of their own; others are made of the questionnaire's, so that any questionnaire can be used.
"""

from collections.abc import Mapping, Sequence

from rules.requirements import Question

_MILLION, _THOUSAND = 1_000_000, 1_000

# `{}` is the option's label within a sentence.
TEMPLATES: Mapping[str, str] = {
    "task": "Is {} one of its tasks?",
    "modality": "Does it work on {}?",
    "novelty": "Will you need {}?",
    "training_language": "Is the training code written in {}?",
    "serving_language": "Is the model called from {}?",
    "train_hardware": "Will you train on {}?",
    "deploy_targets": "Must it run on {}?",
    "train_os": "Will you train under {}?",
    "data_traits": "Does the data have {}?",
    "builds_on": "Does it build on {}?",
    "priorities": "Is {} among what matters most?",
    "known_frameworks": "Does the team know {}?",
    "existing_code": "Does the present code use {}?",
}
WORDS: Mapping[str, str] = {
    "stage=education": "Is it for teaching or learning?",
    "stage=research": "Is it for research?",
    "stage=prototype": "Is it a prototype?",
    "stage=production": "Is it for production?",
    "need=train": "Will a model be trained?",
    "need=train_from_scratch": "Will a model be trained from the start?",
    "need=fine_tune": "Will a model be fine-tuned?",
    "need=adapter_tuning": "Will adapters (such as LoRA) be tuned?",
    "need=preference_tuning": "Will a model be tuned on preferences?",
    "need=use_pretrained": "Will pretrained models be used?",
    "need=inference_only": "Are models only run, never trained?",
    "need=fine_tune|adapter_tuning|preference_tuning": "Will an existing model be tuned?",
    "approach=classical_ml": "Is it classical machine learning (linear models, boosted trees, clustering)?",
    "approach=bayesian": "Is it Bayesian modelling?",
    "approach=automl": "Should a tool choose the model (AutoML)?",
    "approach=deep_learning": "Is it deep learning?",
    "approach=llm": "Is it about large language models?",
    "approach=deep_learning|llm": "Is it deep learning or language models?",
    "approach=scientific": "Is it scientific computing?",
    "approach=undecided": "Is the kind of method still open?",
    "modality=image|video|volume_3d": "Does it work on pictures of any kind?",
    "modality=multimodal": "Does one model work on several kinds of data?",
    "novelty=standard_models": "Are standard models enough?",
    "novelty=new_architectures": "Will you invent new architectures?",
    "data_traits=streaming": "Does the data keep arriving as a stream?",
    "data_traits=sparse": "Is the data sparse?",
    "data_traits=larger_than_memory": "Is the data larger than memory?",
    "training_language=r|julia": "Is the training code written in R or Julia?",
    "deploy_targets=server_cpu": "Must it run on a server's CPU?",
    "deploy_targets=server_gpu": "Must it run on a server's GPU?",
    "deploy_targets=serverless": "Must it run serverless?",
    "deploy_targets=browser": "Must it run in a web browser?",
    "deploy_targets=desktop": "Must it run on desktops or laptops?",
    "deploy_targets=microcontroller": "Must it run on a microcontroller?",
    "deploy_targets=android|ios": "Must it run on phones?",
    "deploy_targets=edge_linux": "Must it run on a small Linux board?",
    "deploy_targets=edge_gpu": "Must it run on an edge device with a GPU?",
    "deploy_targets=edge_tpu": "Must it run on an Edge TPU?",
    "deploy_targets=edge_linux|edge_gpu|edge_tpu": "Must it run on a board at the edge?",
    "deploy_targets=none": "Will the model run nowhere but where it is trained?",
    "train_hardware=cpu": "Will you train on a CPU?",
    "train_hardware=nvidia_gpu": "Will you train on an NVIDIA GPU?",
    "train_hardware=amd_gpu": "Will you train on an AMD GPU?",
    "train_hardware=intel_gpu": "Will you train on an Intel GPU?",
    "train_hardware=tpu": "Will you train on Google TPUs?",
    "train_hardware=browser_gpu": "Will you train in the browser?",
    "train_hardware=none": "Is there nothing to train on?",
    "distribution=multi_host": "Is training spread over several machines?",
    "team_experience=beginner": "Is the team new to machine learning?",
    "team_experience=expert": "Is the team expert in machine learning?",
}
_NAMES = (
    "training_language",
    "serving_language",
    "train_os",
    "deploy_os",
    "cloud",
    "known_frameworks",
    "existing_code",
)
_PROPER = ("Apple", "Google", "Huawei", "Hugging", "Android", "Intel", "Edge", "Raspberry")


def words(question: Question, options: Sequence[str], at_least: float | None, labels: Mapping[str, str]) -> str:
    """A split's question: whether an answer holds one of some options, or reaches a number, or is yes.

    Args:
        question: what is asked about.
        options: the options of which one is enough; none for a number or a yes.
        at_least: the number to be reached.
        labels: what the release calls an option, by `question=option`.
    """
    own = WORDS.get(f"{question.id}={'|'.join(options)}")
    if own is not None:
        return own
    if at_least is not None:
        unit = f" {question.unit}" if question.unit and at_least != 1 else ""
        reached = f"{number(at_least)}{unit} or more" if at_least > 0 else "stated at all"
        return f"{_first_up(question.label or question.id)}: {reached}?"
    if not options:
        return question.text
    called = [labels.get(f"{question.id}={option}", option) for option in options]
    named = " or ".join(called if question.id in _NAMES else map(_within, called))
    template = TEMPLATES.get(question.id)
    return template.format(named) if template else f"{_first_up(question.label or question.id)}: {named}?"


def number(value: float) -> str:
    """A number as it is read aloud."""
    if value >= _MILLION and value % (_MILLION / 10) == 0:
        return f"{value / _MILLION:g} million"
    return f"{value:,.0f}" if value >= _THOUSAND else f"{value:g}"


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _within(label: str) -> str:
    """A label within a sentence: a capital goes, but for names and abbreviations."""
    first = label.split()[0]
    plain = first.isalpha() and first[1:].islower() and not first.startswith(_PROPER)
    return label[:1].lower() + label[1:] if plain else label
