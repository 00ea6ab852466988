# Says where a run is, and how many seconds it has taken so far.
import time

STARTED = time.monotonic()


def say(text):
    print(f'{time.monotonic() - STARTED:6.0f} s  {text}', flush=True)
