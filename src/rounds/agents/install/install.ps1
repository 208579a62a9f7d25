# Installs the Rounds agent on this machine as a service. Made by @SERVER@ for itself.
# Run again on a machine that has it, it brings the program up to date. With -Uninstall it removes it.
param(
    [string]$Token = '',
    [string]$Ca = '',
    [string]$Proxy = '',
    [string]$ExpectProcesses = '',
    [string]$ExpectServices = '',
    [string]$WatchNetworks = '',
    [switch]$Upgrade,
    [switch]$Uninstall
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

$Server = '@SERVER@'
$Service = 'RoundsAgent'
$Program = Join-Path $env:ProgramFiles 'Rounds agent'
$State = Join-Path $env:ProgramData 'Rounds agent'
$Config = Join-Path $State 'config.json'
$Begun = Join-Path $State 'identity.json'

$who = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $who.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { throw 'Run it as administrator.' }

function Stop-Agent {
    if (Get-Service -Name $Service -ErrorAction SilentlyContinue) { Stop-Service -Name $Service -Force }
}

# Fetches a file of the shop by its hash into a folder; what does not have the hash is not used.
function Expand-Checked([string]$Hash, [string]$Folder) {
    $file = [IO.Path]::GetTempFileName() + '.zip'
    try {
        $options = @{ Uri = "$Server/agents/package/$Hash"; OutFile = $file; UseBasicParsing = $true }
        if ($Proxy) { $options.Proxy = $Proxy }
        Invoke-WebRequest @options
        if ((Get-FileHash -Algorithm SHA256 -Path $file).Hash -ne $Hash) { throw 'What was fetched is not what the shop said.' }
        Expand-Archive -Path $file -DestinationPath $Folder -Force
    } finally {
        Remove-Item -Force -ErrorAction SilentlyContinue $file
    }
}

if ($Uninstall) {
    Stop-Agent
    & sc.exe delete $Service | Out-Null
    Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $Program, $State
    'The Rounds agent is removed. In Rounds, withdraw the agent of this machine, or retire the machine.'
    exit 0
}
$known = (Test-Path $Config) -or (Test-Path $Begun)
if ($Upgrade -and -not $known) { throw 'There is no agent on this machine that could be brought up to date.' }
if (-not $known -and -not $Token) { throw 'The token is missing; make one in Rounds, Watch a machine.' }

# All of it is fetched and checked before anything that runs is touched.
$fresh = "$Program.new"
Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $fresh
New-Item -ItemType Directory -Force -Path $fresh | Out-Null
Expand-Checked '@PYTHON_SHA256@' (Join-Path $fresh 'python')
Expand-Checked '@PSUTIL_SHA256@' (Join-Path $fresh 'python')
Expand-Checked '@SHA256@' (Join-Path $fresh 'base')
foreach ($name in 'launcher.py', 'service.py') {
    Copy-Item (Join-Path $fresh "base\rounds_agent\$name") (Join-Path $fresh $name)
}
Stop-Agent
Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $Program
Move-Item $fresh $Program

# Only the system and administrators read what the agent keeps: its secret is there.
New-Item -ItemType Directory -Force -Path $State | Out-Null
& icacls.exe $State /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
$python = Join-Path $Program 'python\python.exe'
if (-not $known) {
    $arguments = @('-I', (Join-Path $Program 'base'), 'enrol', '--server', $Server, '--token', $Token, '--home', $State)
    if ($Server.StartsWith('http://')) { $arguments += '--plain-http' }
    if ($Ca) {
        Copy-Item $Ca (Join-Path $State 'ca.pem')
        $arguments += @('--ca', (Join-Path $State 'ca.pem'))
    }
    if ($Proxy) { $arguments += @('--proxy', $Proxy) }
    if ($ExpectProcesses) { $arguments += @('--expect-processes', $ExpectProcesses) }
    if ($ExpectServices) { $arguments += @('--expect-services', $ExpectServices) }
    if ($WatchNetworks) { $arguments += @('--watch-networks', $WatchNetworks) }
    & $python @arguments
    if ($LASTEXITCODE -ne 0) { throw 'This machine was not enrolled; nothing runs yet.' }
}
# The keys with which new versions are signed. Without any, this machine is brought up to date by this script alone.
$keys = '@KEYS@'
if ($keys) {
    $file = Join-Path $State 'keys.json'
    [IO.File]::WriteAllText($file, $keys)
    & $python -I (Join-Path $Program 'base') adopt --keys $file --home $State
    Remove-Item -Force $file
}
if (-not (Get-Service -Name $Service -ErrorAction SilentlyContinue)) {
    $path = '"{0}" -I "{1}" run --home "{2}"' -f $python, (Join-Path $Program 'service.py'), $State
    New-Service -Name $Service -DisplayName 'Rounds agent' -Description "Tells $Server how this machine is" `
        -BinaryPathName $path -StartupType Automatic | Out-Null
    & sc.exe failure $Service reset= 86400 actions= restart/60000 | Out-Null
    & sc.exe failureflag $Service 1 | Out-Null
}
Start-Service -Name $Service
"The Rounds agent is installed: Get-Service $Service"
