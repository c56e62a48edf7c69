{%- from 'map.jinja' import kube with context %}
{%- from 'image.jinja' import imported %}
include:
  - containerd

{%- if kube.clusterDns %}
{{ imported(kube.images.coredns, kube.release ~ '/images/coredns.tar') }}
{%- endif %}
{%- if kube.monitoring == 'metrics-server' %}
{{ imported(kube.images['metrics-server'], kube.release ~ '/images/metrics-server.tar') }}
{%- endif %}
