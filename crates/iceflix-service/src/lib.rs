//! What every IceFlix service is made of: properties, logs, shutdown, announcements, candidates, token checks.
