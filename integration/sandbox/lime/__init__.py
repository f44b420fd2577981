"""A stateful Lime CRM over HTTP: limetypes from a schema file, the limeobject and query APIs, metadata, files and webhooks."""
