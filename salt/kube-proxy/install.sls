{%- from 'map.jinja' import kube with context %}
{{ kube.bin }}/kube-proxy:
  file.symlink:
    - target: {{ kube.kubernetes }}/kube-proxy
    - force: True
