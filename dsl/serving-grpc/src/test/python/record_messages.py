"""Records messages that protobuf itself makes of the official definitions: requests, and the answers that they must get.

    pip install grpcio-tools
    python -m grpc_tools.protoc -I. --python_out=. open_inference_grpc.proto    # of the Open Inference Protocol
    python record_messages.py > ../resources/dev/fluxion/serving/grpc/messages.txt

A line is a name, a method, the request and the answer in hexadecimal. The models are those of the tests: twice doubles 8 numbers, integers
gives 4 integers back as they are and doubled, varies takes other extents. Neither the build nor the tests need this.
"""

import struct

import open_inference_grpc_pb2 as pb

NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7]
HALVES = [0, 0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0x4700]
TYPED = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
}
PACKED = {
    "BOOL": "?",
    "INT8": "b",
    "INT16": "h",
    "INT32": "i",
    "INT64": "q",
    "UINT8": "B",
    "UINT16": "H",
    "UINT32": "I",
    "UINT64": "Q",
    "FP32": "f",
    "FP64": "d",
}


def line(name, method, request, answer):
    print(name, method, *(m.SerializeToString(deterministic=True).hex() or "-" for m in (request, answer)))


def request(kind):
    asked = pb.ModelInferRequest(model_name="twice")
    asked.inputs.add(name="input", datatype=kind, shape=[1, 8])
    return asked


def answer(values, raw):
    told = pb.ModelInferResponse(model_name="twice", model_version="1")
    output = told.outputs.add(name="output", datatype="FP32", shape=[len(values) // 8, 8])
    if raw:
        told.raw_output_contents.append(struct.pack("<%df" % len(values), *values))
    else:
        output.contents.fp32_contents.extend(values)
    return told


def numbers(kind):
    return [i % 2 if kind == "BOOL" else i for i in NUMBERS]


def main():
    for kind, field in TYPED.items():
        asked = request(kind)
        getattr(asked.inputs[0].contents, field).extend(numbers(kind))
        line("typed-" + kind, "ModelInfer", asked, answer([2.0 * i for i in numbers(kind)], False))
    for kind in list(PACKED) + ["FP16", "BF16"]:
        asked = request(kind)
        if kind == "FP16":
            raw = struct.pack("<8H", *HALVES)
        elif kind == "BF16":
            raw = b"".join(struct.pack("<f", i)[2:] for i in NUMBERS)
        else:
            raw = struct.pack("<8" + PACKED[kind], *numbers(kind))
        asked.raw_input_contents.append(raw)
        line("raw-" + kind, "ModelInfer", asked, answer([2.0 * i for i in numbers(kind)], True))

    asked = request("FP32")
    asked.model_version = "1"
    asked.id = "x ü"
    asked.outputs.add(name="output")
    told = answer([-1.0, 0.0, 3e38, 2e-45, 1.0, 1.0, 1.0, 1.0], False)
    asked.inputs[0].contents.fp32_contents.extend([-0.5, -0.0, 1.5e38, 1e-45, 0.5, 0.5, 0.5, 0.5])
    told.outputs[0].contents.fp32_contents[:] = [2 * i for i in asked.inputs[0].contents.fp32_contents]
    told.id = asked.id
    for message in (asked, told):
        message.parameters["flag"].bool_param = False
        message.parameters["number"].int64_param = -1
        message.parameters["text"].string_param = "ü"
        message.parameters["real"].double_param = 0.5
        message.parameters["most"].uint64_param = 2**64 - 1
        message.parameters["priority"].uint64_param = 1
        message.parameters["timeout"].int64_param = 60_000_000
    line("parameters", "ModelInfer", asked, told)

    asked = pb.ModelInferRequest(model_name="integers")
    asked.inputs.add(name="ids", datatype="INT64", shape=[1, 4]).contents.int64_contents.extend([1, -2, 3, 9])
    asked.outputs.add(name="twice")
    asked.outputs.add(name="output")
    told = pb.ModelInferResponse(model_name="integers", model_version="3")
    told.outputs.add(name="twice", datatype="INT32", shape=[1, 4]).contents.int_contents.extend([2, -4, 6, 18])
    told.outputs.add(name="output", datatype="FP32", shape=[1, 4]).contents.fp32_contents.extend([1, -2, 3, 9])
    line("two-outputs", "ModelInfer", asked, told)
    asked.inputs[0].ClearField("contents")
    asked.raw_input_contents.append(struct.pack("<4q", 1, -2, 3, 9))
    for output in told.outputs:
        output.ClearField("contents")
    told.raw_output_contents.append(struct.pack("<4i", 2, -4, 6, 18))
    told.raw_output_contents.append(struct.pack("<4f", 1, -2, 3, 9))
    line("two-outputs-raw", "ModelInfer", asked, told)

    line("live", "ServerLive", pb.ServerLiveRequest(), pb.ServerLiveResponse(live=True))
    line("ready", "ServerReady", pb.ServerReadyRequest(), pb.ServerReadyResponse(ready=True))
    line("model-ready", "ModelReady", pb.ModelReadyRequest(name="twice", version="1"), pb.ModelReadyResponse(ready=True))
    line("model-not-ready", "ModelReady", pb.ModelReadyRequest(name="none"), pb.ModelReadyResponse())
    line(
        "server",
        "ServerMetadata",
        pb.ServerMetadataRequest(),
        pb.ServerMetadataResponse(
            name="fluxion", version="development", extensions=["statistics", "model_configuration", "model_repository"]
        ),
    )
    told = pb.ModelMetadataResponse(name="varies", versions=["1"], platform="fluxion")
    told.inputs.add(name="x", datatype="FP32", shape=[-1, -1, -1])
    told.outputs.add(name="output", datatype="FP32", shape=[-1, -1, -1])
    line("metadata", "ModelMetadata", pb.ModelMetadataRequest(name="varies"), told)


main()
