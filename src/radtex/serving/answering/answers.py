"""What a server answers: the fields of the REST interface."""

from typing import Literal

from pydantic import BaseModel, Field

from radtex.serving.settings import NOTICE


class Answer(BaseModel):
    """An answer; research use is said in each."""

    notice: str = Field(default=NOTICE, description="What the answer may be used for.")


class Token(BaseModel):
    """A word piece of a report."""

    start: int = Field(description="Its first character in the report's text.")
    end: int = Field(description="Behind its last character.")


class SentenceAnswer(BaseModel):
    """A sentence of a report."""

    text: str
    start: int = Field(description="Its first character in the report's text.")
    end: int = Field(description="Behind its last character.")
    first_token: int = Field(description="Its first token, a place in `tokens`.")
    last_token: int = Field(description="Behind its last token.")
    map: str | None = Field(
        default=None,
        description="Address of a PNG: what in the film raises the likelihood of its words.",
    )


class ReportAnswer(BaseModel):
    """A drafted report."""

    text: str = Field(description="As the model writes it, in small letters.")
    prompt: str = Field(default="", description="What it was told to begin with.")
    score: float = Field(description="Log-likelihood of the report; comparable within a film.")
    sentences: list[SentenceAnswer]
    tokens: list[Token]


class Finding(BaseModel):
    """What a classifier says of one target."""

    target: str
    probability: float | None = Field(description="Calibrated, 0 to 1; null where it abstains.")
    positive: bool | None = Field(description="At the operating point; null where it abstains.")
    threshold: float = Field(description="The probability from which on it is positive.")
    map: str | None = Field(
        default=None, description="Address of a PNG: what in the film raises the probability."
    )


class FindingsAnswer(BaseModel):
    """What a classifier says of a film."""

    operating_point: Literal["youden", "sensitive"]
    findings: list[Finding]
    abstained: bool = Field(description="Whether the film is too unlike those it was made from.")
    reason: str = Field(description="Why it abstains, or what is to be known beside the answer.")
    distance: float = Field(description="How unlike the film is.")
    limit: float = Field(description="The greatest distance that is answered.")


class Neighbour(BaseModel):
    """A training film that is like the uploaded one."""

    film: int = Field(description="Its number in the corpus.")
    likeness: float = Field(description="Cosine between the features, 1 is the same.")
    report: str = Field(description="What was written of it; of another patient.")
    picture: str = Field(description="Address of a PNG.")


class FilmFacts(BaseModel):
    """What is known of the film itself."""

    width: int = Field(description="Pixels, of the film as it was read or is shown.")
    height: int = Field(description="Pixels, of the film as it was read or is shown.")
    view: str = Field(description='By the header: PA, AP, OTHER, or "" where nothing tells.')
    picture: str | None = Field(
        default=None, description="Address of a PNG, where the study is kept."
    )


class StudyAnswer(Answer):
    """What is said of a film."""

    id: str | None = Field(description="Under which it is kept in memory; null if it is not.")
    kept_seconds: float = Field(description="How long it is kept.")
    film: FilmFacts
    report: ReportAnswer | None = Field(description="null if no served model writes reports.")
    findings: FindingsAnswer | None = Field(description="null if no classifier is served.")
    nearest: list[Neighbour] | None = Field(
        description="Training films, the most alike first; null without a corpus, or before its "
        "films are known."
    )
    notes: list[str] = Field(description="What a reader should know, in sentences.")


class PromptBody(BaseModel):
    """How a report shall begin."""

    prompt: str = Field(default="", max_length=1000)


class QuestionBody(BaseModel):
    """A finding to be asked about."""

    question: str = Field(min_length=1, max_length=200, description='Such as "pleural effusion".')


class QuestionAnswer(Answer):
    """Whether a report that affirms a finding is likelier than one that denies it."""

    question: str
    probability: float = Field(description="0 to 1; ranks films by a finding, and is no risk.")


class MapAnswer(Answer):
    """A map in numbers."""

    cells: list[list[float]] = Field(description="By row; they sum to 1, or all are 0.")
    left: float = Field(description="Edge of the map, in widths of the film.")
    right: float
    top: float = Field(description="Edge of the map, in heights of the film.")
    bottom: float
    peak_x: float | None = Field(description="Highest cell's middle, in widths of the film.")
    peak_y: float | None = Field(description="In heights of the film.")


class EmbeddingAnswer(Answer):
    """Features of a film."""

    model: str = Field(description="The run or classifier whose encoder made them.")
    embedding: list[float]


Capability = Literal["embeddings", "finding_maps", "findings", "questions", "report", "report_maps"]


class ModelAnswer(BaseModel):
    """A model that is served."""

    name: str
    kind: Literal["run", "classifier"]
    size: int = Field(description="Side of the images that it takes, in pixels.")
    writes_reports: bool
    capabilities: list[Capability] = Field(description="What it can be asked for.")
    cannot: list[str] = Field(
        description="What one might expect of it and it cannot do, and why, in sentences."
    )
    targets: list[str] = Field(description="Findings that it gives probabilities of.")
    sha256: str = Field(description="Of its weights.")
    card: str | None = Field(description="The model card, Markdown.")


class ModelsAnswer(Answer):
    """What is served."""

    version: str
    state: Literal["loading", "ready", "failed"]
    models: list[ModelAnswer]
    corpus: bool = Field(description="Whether films can be chosen from a corpus.")
    label: bool = Field(description="Whether films can be labelled.")
    pacs: bool = Field(default=False, description="Whether films can be chosen from a PACS.")
    upload_bytes: int = Field(description="Largest upload.")
