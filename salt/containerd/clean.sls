{%- from 'map.jinja' import kube with context %}
containerd-stopped:
  service.dead:
    - name: containerd
    - enable: False

containerd-removed:
  file.absent:
    - names:
        - /etc/systemd/system/containerd.service
        - /etc/containerd
        - /etc/crictl.yaml
{%- for name in ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'crictl'] %}
        - {{ kube.bin }}/{{ name }}
{%- endfor %}
    - require:
        - service: containerd-stopped
