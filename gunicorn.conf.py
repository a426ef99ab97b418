"""How gunicorn serves, in `gunicorn kodaira_reform.wsgi`. WEB_CONCURRENCY sets the number of workers; options on the
command line come before what stands here."""

import os

bind = "127.0.0.1:8000"  # the proxy in front speaks to the world
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 60
# A worker that has grown is replaced now and then; the jitter keeps them from leaving together.
max_requests = 5000
max_requests_jitter = 500
accesslog = "-"
# The second column is what the proxy in front says of who asked; core/client_address.py says what of it is believed.
access_log_format = '%(h)s %({x-forwarded-for}i)s %(t)s "%(r)s" %(s)s %(b)s %(M)sms'
control_socket_disable = True  # systemd signals the process; nothing else needs to steer it
