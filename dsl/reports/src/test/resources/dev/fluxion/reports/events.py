"""Tells what TensorBoard reads in sample.tfevents, as in sample.txt: pip install tensorboard; python events.py > sample.txt

sample.tfevents is made by the main method of TensorBoardTest.
"""

import pathlib

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

here = pathlib.Path(__file__).parent
events = EventAccumulator(str(here / "sample.tfevents"), purge_orphaned_data=True)
events.Reload()
for tag in events.Tags()["scalars"]:
    print(tag, [(s.step, s.value, s.wall_time) for s in events.Scalars(tag)])
for tag in events.Tags()["histograms"]:
    h = events.Histograms(tag)[0].histogram_value
    print(tag, h.min, h.max, h.num, h.sum, h.sum_squares, list(zip(h.bucket_limit, h.bucket)))
for node in events.Graph().node:
    shape = node.attr["_output_shapes"].list.shape[0]
    print(node.name, node.op, list(node.input), [d.size for d in shape.dim], node.attr["text"].s.decode())
for tag, content in events.PluginTagToContent("hparams").items():
    print(tag, str(plugin_data_pb2.HParamsPluginData.FromString(content)).replace("\n", " "))
