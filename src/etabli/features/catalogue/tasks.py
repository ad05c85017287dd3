"""What a model of a certain architecture does: its task, and how `transformers` opens it.

Source: the mappings in `transformers/models/auto/modeling_auto.py` and the tasks in
`transformers/pipelines/__init__.py`, release 5.23; the names of older tasks from
`utils/update_metadata.py` of the same project. Most architectures say by the end of their name what
they do; the others are named.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """How a model is opened and what it then does. In the words of `transformers`."""

    task: str
    auto_class: str
    processor: str


_TEXT, _IMAGE, _SOUND, _SEVERAL = (
    "AutoTokenizer",
    "AutoImageProcessor",
    "AutoFeatureExtractor",
    "AutoProcessor",
)

_TEXT_TO_TEXT = Use("text2text-generation", "AutoModelForSeq2SeqLM", _TEXT)
_WRITING = Use("text-generation", "AutoModelForCausalLM", _TEXT)
_SPEECH = Use("automatic-speech-recognition", "AutoModelForSpeechSeq2Seq", _SEVERAL)
_LETTERS = Use("automatic-speech-recognition", "AutoModelForCTC", _SEVERAL)
_AUDIO = Use("text-to-audio", "AutoModelForTextToWaveform", _SEVERAL)
_SPEAKING = Use("text-to-audio", "AutoModelForTextToSpectrogram", _SEVERAL)
_SEEING = Use("image-text-to-text", "AutoModelForImageTextToText", _SEVERAL)
_SOUND_CLASS = Use("audio-classification", "AutoModelForAudioClassification", _SOUND)
_ZERO_SHOT = Use(
    "zero-shot-image-classification", "AutoModelForZeroShotImageClassification", _SEVERAL
)
_MASKS = Use("mask-generation", "AutoModelForMaskGeneration", _SEVERAL)
_SEGMENTS = Use("image-segmentation", "AutoModelForUniversalSegmentation", _IMAGE)
_ON_PAGES = Use("document-question-answering", "AutoModelForDocumentQuestionAnswering", _SEVERAL)
_ON_PICTURES = Use("visual-question-answering", "AutoModelForVisualQuestionAnswering", _SEVERAL)
_FEATURES = Use("feature-extraction", "AutoModel", _TEXT)
_IMAGE_FEATURES = Use("image-feature-extraction", "AutoModel", _IMAGE)

_BY_ENDING = {
    "ForSequenceClassification": Use(
        "text-classification", "AutoModelForSequenceClassification", _TEXT
    ),
    "ForTokenClassification": Use("token-classification", "AutoModelForTokenClassification", _TEXT),
    "ForQuestionAnswering": Use("question-answering", "AutoModelForQuestionAnswering", _TEXT),
    "ForQuestionAnsweringSimple": Use("question-answering", "AutoModelForQuestionAnswering", _TEXT),
    "ForMaskedLM": Use("fill-mask", "AutoModelForMaskedLM", _TEXT),
    "ForCausalLM": _WRITING,
    "LMHeadModel": _WRITING,
    "ForMultipleChoice": Use("multiple-choice", "AutoModelForMultipleChoice", _TEXT),
    "ForImageClassification": Use(
        "image-classification", "AutoModelForImageClassification", _IMAGE
    ),
    "ForVideoClassification": Use(
        "video-classification", "AutoModelForVideoClassification", _IMAGE
    ),
    "ForObjectDetection": Use("object-detection", "AutoModelForObjectDetection", _IMAGE),
    "ForSemanticSegmentation": Use(
        "image-segmentation", "AutoModelForSemanticSegmentation", _IMAGE
    ),
    "ForInstanceSegmentation": _SEGMENTS,
    "ForUniversalSegmentation": _SEGMENTS,
    "ForDepthEstimation": Use("depth-estimation", "AutoModelForDepthEstimation", _IMAGE),
    "ForKeypointMatching": Use("keypoint-matching", "AutoModelForKeypointMatching", _IMAGE),
    "ForImageSuperResolution": Use("image-to-image", "AutoModelForImageToImage", _IMAGE),
    "ForAudioClassification": _SOUND_CLASS,
    "ForCTC": _LETTERS,
    "ForTDT": Use("automatic-speech-recognition", "AutoModelForTDT", _SEVERAL),
    "ForSpeechToText": _SPEECH,
    "ForTextToSpeech": _SPEAKING,
    "ForTextToText": _TEXT_TO_TEXT,
}

_CONDITIONAL = "ForConditionalGeneration"
"""An ending that says nothing: by what else, the rest of the name says."""
_NAMED_CONDITIONAL = {
    _TEXT_TO_TEXT: """Bart BigBirdPegasus Blenderbot BlenderbotSmall FSMT LED LongT5 M2M100 MBart
        MT5 Mvp NllbMoe PLBart Pegasus PegasusX ProphetNet SwitchTransformers T5 T5Gemma UMT5""",
    _SPEECH: """Canary CohereAsr FunAsrNano GraniteSpeech GraniteSpeechPlus KyutaiSpeechToText
        Moonshine MoonshineStreaming Qwen3ASR Speech2Text VibeVoiceAsr Voxtral VoxtralRealtime
        Whisper""",
    _AUDIO: """Csm Dia GradiumPhononTTS HiggsAudioV2 Musicgen MusicgenMelody PocketTTS
        VibeVoice""",
    _SEEING: """Blip Blip2 Florence2 Kosmos2 Kosmos2_5 Llava LlavaNext LlavaNextVideo
        LlavaOnevision PaliGemma Pix2Struct T5Gemma2 Udop VideoLlava VipLlava""",
}
_NAMED = {
    _WRITING: "BertGenerationDecoder ReformerModelWithLMHead XLMWithLMHeadModel",
    _TEXT_TO_TEXT: "EncoderDecoderModel MarianMTModel",
    _SPEECH: "SpeechEncoderDecoderModel",
    _SEEING: "VisionEncoderDecoderModel IdeficsForVisionText2Text",
    _AUDIO: "BarkModel FastSpeech2ConformerWithHifiGan VitsModel",
    _SPEAKING: "FastSpeech2ConformerModel SpeechT5ForTextToSpeech",
    _ZERO_SHOT: """AlignModel AltCLIPModel BlipModel CLIPModel CLIPSegModel ChineseCLIPModel
        MetaClip2Model Siglip2Model SiglipModel Blip2ForImageTextRetrieval""",
    _MASKS: "EdgeTamModel Sam2Model Sam3TrackerModel SamHQModel SamModel",
    _SEGMENTS: "DetrForSegmentation",
    Use("zero-shot-object-detection", "AutoModelForZeroShotObjectDetection", _SEVERAL): """
        GroundingDinoForObjectDetection MMGroundingDinoForObjectDetection
        OmDetTurboForObjectDetection OwlViTForObjectDetection Owlv2ForObjectDetection""",
    _ON_PICTURES: "BlipForQuestionAnswering ViltForQuestionAnswering",
    _ON_PAGES: """LayoutLMForQuestionAnswering LayoutLMv2ForQuestionAnswering
        LayoutLMv3ForQuestionAnswering""",
    Use("table-question-answering", "AutoModelForTableQuestionAnswering", _TEXT): (
        "TapasForQuestionAnswering"
    ),
    _SOUND_CLASS: """Data2VecAudioForSequenceClassification HubertForSequenceClassification
        SEWDForSequenceClassification SEWForSequenceClassification
        UniSpeechForSequenceClassification UniSpeechSatForSequenceClassification
        Wav2Vec2BertForSequenceClassification Wav2Vec2ConformerForSequenceClassification
        Wav2Vec2ForSequenceClassification WavLMForSequenceClassification""",
    _IMAGE_FEATURES: """BeitModel BitModel ConvNextModel ConvNextV2Model DINOv3ConvNextModel
        DINOv3ViTModel DPTModel Data2VecVisionModel DeiTModel Dinov2Model
        Dinov2WithRegistersModel EfficientNetModel FocalNetModel HieraModel IJepaModel
        ImageGPTModel LevitModel MobileNetV1Model MobileNetV2Model MobileViTModel MobileViTV2Model
        PoolFormerModel PvtModel RegNetModel ResNetModel SegformerModel SiglipVisionModel
        SwinModel Swinv2Model TimmWrapperModel VideoMAEModel ViTMAEModel ViTMSNModel ViTModel
        VivitModel""",
    _FEATURES: """AlbertModel BartModel BertModel BigBirdModel CamembertModel DebertaModel
        DebertaV2Model DistilBertModel DPRContextEncoder DPRQuestionEncoder ElectraModel
        FlaubertModel GPT2Model LlamaModel LongformerModel MPNetModel MistralModel ModernBertModel
        NomicBertModel Qwen2Model Qwen3Model RobertaModel T5EncoderModel XLMRobertaModel""",
}


def _by_name() -> dict[str, Use]:
    found = {
        f"{name}{_CONDITIONAL}": use
        for use, names in _NAMED_CONDITIONAL.items()
        for name in names.split()
    }
    found |= {name: use for use, names in _NAMED.items() for name in names.split()}
    return found


_BY_NAME = _by_name()


KNOWN_TASKS = frozenset(
    {use.task for use in (*_BY_ENDING.values(), *_BY_NAME.values())}
    | {"sentence-similarity", "summarization", "translation", "zero-shot-classification"}
    | {"text-to-image", "text-to-speech", "text-to-video", "text-ranking", "any-to-any"}
    | {"image-to-text", "image-to-video", "tabular-classification", "tabular-regression"}
    | {"time-series-forecasting", "reinforcement-learning", "robotics", "graph-ml"}
    | {"unconditional-image-generation", "voice-activity-detection", "audio-to-audio"}
)
"""Names of tasks that stand among the tags of models.

Source: PIPELINE_DATA in huggingface.js, packages/tasks/src/pipelines.ts."""


def use_of(architecture: str, *, sees: bool = False) -> Use | None:
    """What a model of this architecture is for; None where nobody told us.

    Args:
        sees: its configuration describes a part that reads images.
    """
    named = _BY_NAME.get(architecture)
    if named is not None:
        return named
    if architecture.endswith(_CONDITIONAL):
        return _SEEING if sees else None
    for ending, use in _BY_ENDING.items():
        if architecture.endswith(ending):
            return use
    return None
