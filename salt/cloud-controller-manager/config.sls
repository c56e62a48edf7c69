{%- from 'map.jinja' import kube with context %}
/etc/kubernetes/addons/cloud-controller-manager.yaml:
  file.managed:
    - source: salt://cloud-controller-manager/files/cloud-controller-manager.yaml
    - template: jinja
    - makedirs: True
    - context:
        kube: {{ kube | json }}
