"""What the component holds."""

from counter import Counter
from json_lines import JsonLines

CONNECTORS = [Counter, JsonLines]
