"""Commands as somebody gives them."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def refused(*command):
    with pytest.raises(CommandError) as caught:
        call_command(*command, stdout=StringIO())
    return str(caught.value)
