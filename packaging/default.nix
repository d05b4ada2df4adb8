# `nix-build packaging/default.nix`, or callPackage it. Builds the tree it lies in.
{ pkgs ? import <nixpkgs> { } }:

let
  root = ./..;
  manifest = builtins.fromTOML (builtins.readFile (root + "/Cargo.toml"));
in
pkgs.rustPlatform.buildRustPackage {
  pname = manifest.package.name;
  version = manifest.package.version;
  src = pkgs.lib.cleanSourceWith {
    src = root;
    filter = path: type: !(type == "directory" && baseNameOf path == "target") && pkgs.lib.cleanSourceFilter path type;
  };
  cargoLock.lockFile = root + "/Cargo.lock";
  # The tests want terminals, networks and sound servers of their own: they are the gate's.
  doCheck = false;
  # ALSA is found when the program runs.
  postInstall = ''
    DESTDIR= sh packaging/install --prefix $out --program $out/bin/hearsay
  '';
  meta = {
    description = manifest.package.description;
    license = with pkgs.lib.licenses; [ mit asl20 ];
    mainProgram = "hearsay";
  };
}
