"""
The one way in: Caddy, with the routes in `Caddyfile` and the page for when a service is away in `pages/`.

Containers use the same two; what differs comes from the environment.
"""
