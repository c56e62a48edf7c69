{%- from 'map.jinja' import kube with context %}
# What needs the API gives up where it is not there, and the kubelet then waits longer and longer to start it again.
include:
  - etcd
  - kubelet

api-ready:
  cmd.run:
    - name: |
        until curl --silent --fail --insecure --max-time 15 {{ kube.apiserver }}/readyz > /dev/null; do
          if [ "$((waited += 2))" -gt 900 ]; then curl --silent --show-error --insecure --max-time 15 {{ kube.apiserver }}/readyz; exit 1; fi
          sleep 2
        done
    - unless: curl --silent --fail --insecure --max-time 15 {{ kube.apiserver }}/readyz
    - require:
        - service: etcd
        - sls: kubelet
        - file: /etc/kubernetes/manifests/kube-apiserver.yaml
