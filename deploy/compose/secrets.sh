#!/bin/sh
# Makes the keys that docker-compose.yml asks for, 24 random bytes each, in deploy/compose/secrets (or in the folder that
# is named). What is there already stays. Nobody else may enter the folder; within a container its own user reads the file.
set -eu
umask 022
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
for name in metrics_token wall_viewer_key wall_supervisor_key agent_key customer_key grafana_admin_password; do
  [ -s "$folder/$name" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$folder/$name"
done
echo "The wall: http://127.0.0.1:9466/?key=$(cat "$folder/wall_viewer_key")"
echo "Grafana: http://127.0.0.1:3000/, user admin, the password is in $folder/grafana_admin_password"
