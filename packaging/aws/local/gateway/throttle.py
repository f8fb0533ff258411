"""The token bucket by which API Gateway throttles."""


class TokenBucket:
    def __init__(self, rate, burst, now):
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._now = now
        self._filled = now()

    def take(self):
        """Whether one more may pass."""
        now = self._now()
        self._tokens += (now - self._filled) * self._rate
        self._tokens = min(self._tokens, self._burst)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
