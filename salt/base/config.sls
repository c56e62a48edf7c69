/etc/modules-load.d/kube-up.conf:
  file.managed:
    - contents:
        - br_netfilter
        - overlay
        - nf_conntrack
  cmd.run:
    - name: modprobe --all br_netfilter overlay nf_conntrack
    - onchanges:
        - file: /etc/modules-load.d/kube-up.conf

# kube-proxy and the CNI plugins count on forwarding. The three after it are what the kubelet would set itself, and
# refuses to start without (protectKernelDefaults).
/etc/sysctl.d/60-kube-up.conf:
  file.managed:
    - contents:
        - net.ipv4.ip_forward = 1
        - net.bridge.bridge-nf-call-iptables = 1
        - vm.overcommit_memory = 1
        - kernel.panic = 10
        - kernel.panic_on_oops = 1
        - fs.inotify.max_user_instances = 8192
        - fs.inotify.max_user_watches = 524288
  cmd.run:
    - name: sysctl --quiet --load /etc/sysctl.d/60-kube-up.conf
    - onchanges:
        - file: /etc/sysctl.d/60-kube-up.conf
    - require:
        - cmd: /etc/modules-load.d/kube-up.conf

/etc/kubernetes:
  file.directory:
    - mode: '0755'
