{%- from 'map.jinja' import kube with context %}
kube-proxy-stopped:
  service.dead:
    - name: kube-proxy
    - enable: False

kube-proxy-removed:
  file.absent:
    - names:
        - /etc/systemd/system/kube-proxy.service
        - /etc/kubernetes/kube-proxy.conf
        - /etc/kubernetes/kube-proxy.yaml
        - {{ kube.bin }}/kube-proxy
    - require:
        - service: kube-proxy-stopped
