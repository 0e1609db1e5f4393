"""Random numbers, from the generator of the node or from a seed that is a value."""

import numpy as np
from op_cases import case

SEEDS = {"seed": 5, "seed2": 77}
SHAPE = [7, 3]
LOGITS = np.log(np.arange(1, 11, dtype=np.float32).reshape(2, 5))
SEED = np.array([3, 9], np.int32)
KEY, COUNTER = np.array([12345678901], np.uint64), np.array([3, 5], np.uint64)

CASES = [
    *(
        case(op, SHAPE, dtype=dtype, **SEEDS)
        for op in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal")
        for dtype in ("float16", "float32", "float64")
    ),
    case("RandomUniformInt", SHAPE, -7, 1000, **SEEDS),
    case("RandomUniformInt", SHAPE, np.int64(-7), np.int64(1000), **SEEDS),
    case("RandomUniformInt", SHAPE, 3, 3, **SEEDS),
    case("RandomShuffle", np.arange(21, dtype=np.float32), **SEEDS),
    case("Multinomial", LOGITS, 9, **SEEDS),
    *(
        case(op, SHAPE, SEED, dtype="float32")
        for op in ("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal")
    ),
    *(
        case(op, SHAPE, KEY, COUNTER, 1, dtype="float32")
        for op in (
            "StatelessRandomUniformV2",
            "StatelessRandomNormalV2",
            "StatelessTruncatedNormalV2",
        )
    ),
    case("StatelessRandomUniformInt", SHAPE, SEED, -3, 50),
    case("StatelessRandomUniformIntV2", SHAPE, KEY, COUNTER, 1, -3, 50),
    case("StatelessMultinomial", LOGITS, 9, SEED),
    case("StatelessRandomGetKeyCounter", SEED),
    case("StatelessRandomGetKeyCounterAlg", SEED),
    case("StatelessRandomGetAlg"),
]
