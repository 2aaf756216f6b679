"""For Faust a batch of raw records is one message whose value needs no decoding."""

from typing import Any

import faust


class BatchSchema(faust.Schema[Any, Any]):
    def loads_key(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        return None

    def loads_value(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        return message.value
