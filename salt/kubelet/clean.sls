{%- from 'map.jinja' import kube with context %}
kubelet-stopped:
  service.dead:
    - name: kubelet
    - enable: False

kubelet-removed:
  file.absent:
    - names:
        - /etc/systemd/system/kubelet.service
        - /etc/kubernetes/kubelet.yaml
        - /etc/kubernetes/bootstrap-kubelet.conf
        - /etc/kube-up/joining-kubelet
        - /var/lib/kubelet/kubeconfig
        - /var/lib/kubelet/pki
        - {{ kube.bin }}/kubelet
    - require:
        - service: kubelet-stopped
