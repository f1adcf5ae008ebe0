#!/bin/sh
# Puts these files where they belong; run as root, in their folder, after the program is installed.
set -eu
cd "$(dirname "$0")"
[ -x /opt/branch-kiosk/bin/kiosk ] || { echo "Install the program in /opt/branch-kiosk first." >&2; exit 1; }
[ -f /etc/branch-kiosk/kiosk.toml ] || { echo "Write /etc/branch-kiosk/kiosk.toml first." >&2; exit 1; }

id kiosk >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/branch-kiosk --shell /usr/sbin/nologin kiosk
# screen, keyboard and printer
for group in video input render lp; do
    getent group "$group" >/dev/null && usermod --append --groups "$group" kiosk
done
install -d -o kiosk -g kiosk -m 750 /var/lib/branch-kiosk
install -D -m 0644 branch-kiosk.service /etc/systemd/system/branch-kiosk.service
install -D -m 0755 session /opt/branch-kiosk/session
install -D -m 0644 journald.conf /etc/systemd/journald.conf.d/branch-kiosk.conf
install -D -m 0644 logind.conf /etc/systemd/logind.conf.d/branch-kiosk.conf
install -D -m 0644 modprobe.conf /etc/modprobe.d/branch-kiosk.conf
install -D -m 0644 sysctl.conf /etc/sysctl.d/60-branch-kiosk.conf
install -D -m 0644 foot.ini /etc/branch-kiosk/foot.ini

systemctl mask ctrl-alt-del.target
systemctl disable getty@tty1.service
systemctl set-default multi-user.target
systemctl enable branch-kiosk.service
echo "Done. Restart the machine, or: systemctl daemon-reload && systemctl start branch-kiosk"
