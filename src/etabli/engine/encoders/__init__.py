"""Make a sentence encoder that two cores can serve, out of the weights of a BERT or an XLM-R.

Owns: reading such weights, writing the int8 graph, and the process that does it.
May use: the foundation, numpy, safetensors and onnx; never torch.
"""
