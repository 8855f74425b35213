"""Prints every entry of the reference checkpoint, one `name shape` a line: names_resnet18.txt.

    python write_names.py > names_resnet18.txt      6 segmentation and 5 detection classes
"""

from network import Network

for name, value in Network("resnet18", 6, 5).state_dict().items():
    print(name, "x".join(map(str, value.shape)) or "scalar")
