"""One inference of an ONNX file with EZKL, measured: what `npm run -s bench -- prove` shows of ours, beside it.

Outside the product; needs `pip install ezkl onnx` in an environment of its own. Usage: python ezkl_inference.py model.onnx [fixed|private|polycommit]
The SRS is made here (`gen_srs`), as insecure as the dev ceremony.
"""

import asyncio
import inspect
import json
import os
import random
import resource
import sys
import tempfile
import time

import ezkl


async def run(function, *args, **kwargs):
    value = function(*args, **kwargs)
    return await value if inspect.isawaitable(value) else value


async def main(model, weights):
    random.seed(7)
    import onnx
    import onnx.version_converter

    # One sample of a fixed shape, in an operator set that EZKL knows.
    loaded = onnx.version_converter.convert_version(onnx.load(model), 18)
    graph = loaded.graph
    for value in [*graph.input, *graph.output]:
        for d in value.type.tensor_type.shape.dim:
            d.dim_value = d.dim_value or 1
    del graph.value_info[:]
    shape = [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim]
    count = 1
    for d in shape:
        count *= d
    folder = tempfile.mkdtemp()
    name = os.path.basename(model)
    model = os.path.join(folder, "model.onnx")
    onnx.save(loaded, model)
    at = lambda name: os.path.join(folder, name)
    with open(at("input.json"), "w") as file:
        json.dump({"input_data": [[random.random() for _ in range(count)]]}, file)
    args = ezkl.PyRunArgs()
    args.input_visibility = "private"
    args.output_visibility = "public"
    args.param_visibility = weights
    seconds = {}

    async def timed(name, function, *a, **k):
        started = time.perf_counter()
        value = await run(function, *a, **k)
        seconds[name] = round(time.perf_counter() - started, 2)
        return value

    await timed("settings", ezkl.gen_settings, model, at("settings.json"), py_run_args=args)
    await timed("calibrate", ezkl.calibrate_settings, at("input.json"), model, at("settings.json"), "resources")
    await timed("compile", ezkl.compile_circuit, model, at("circuit"), at("settings.json"))
    settings = json.load(open(at("settings.json")))
    logrows = settings["run_args"]["logrows"]
    await timed("srs", ezkl.gen_srs, at("srs"), logrows)
    await timed("setup", ezkl.setup, at("circuit"), at("vk"), at("pk"), srs_path=at("srs"))
    await timed("witness", ezkl.gen_witness, at("input.json"), at("circuit"), at("witness.json"), vk_path=at("vk"), srs_path=at("srs"))
    await timed("prove", ezkl.prove, at("witness.json"), at("circuit"), at("pk"), at("proof.json"), srs_path=at("srs"))
    valid = await timed("verify", ezkl.verify, at("proof.json"), at("settings.json"), at("vk"), srs_path=at("srs"))
    proof = json.load(open(at("proof.json")))
    print(
        json.dumps(
            {
                "peer": "ezkl",
                "version": ezkl.__version__,
                "model": name,
                "weights": weights,
                "logrows": logrows,
                "seconds": seconds,
                "peakMemoryMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "proofBytes": len(proof["hex_proof"]) // 2 - 1 if isinstance(proof.get("hex_proof"), str) else len(proof["proof"]),
                "provingKeyMb": os.path.getsize(at("pk")) // 2**20,
                "valid": bool(valid),
            },
            indent=2,
        )
    )


asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "private"))
