{%- from 'map.jinja' import kube with context %}
/etc/containerd/config.toml:
  file.managed:
    - source: salt://containerd/files/config.toml
    - template: jinja
    - makedirs: True
    - context:
        pause: {{ kube.images.pause | json }}

/etc/crictl.yaml:
  file.managed:
    - contents: 'runtime-endpoint: unix:///run/containerd/containerd.sock'

/etc/systemd/system/containerd.service:
  file.managed:
    - source: salt://containerd/files/containerd.service
