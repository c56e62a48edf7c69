kubelet:
  service.running:
    - enable: True
    - watch:
        - file: /etc/kubernetes/kubelet.yaml
        - file: /etc/systemd/system/kubelet.service
    - require:
        - sls: base
        - sls: containerd
        - sls: cni
        - sls: kubelet.install
