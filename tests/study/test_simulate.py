"""Simulated answers come out of the population that was written down, and are found again."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from test_main import PROJECT, run_command  # noqa: F401
